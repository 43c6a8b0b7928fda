# What `make install` lays down beside the program: unit, user, a first configuration, what Prometheus and Grafana load.
include(GNUInstallDirs)
# Under /usr and /usr/local the configuration is in /etc all the same (Filesystem Hierarchy Standard 3.7, 4.9).
if(CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?/?$")
  set(CMAKE_INSTALL_FULL_SYSCONFDIR /etc)
endif()

configure_file(${PROJECT_SOURCE_DIR}/deploy/systemd/dsnwatch.service.in ${PROJECT_BINARY_DIR}/dsnwatch.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/dsnwatch.service DESTINATION lib/systemd/system COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME dsnwatch.conf COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/deploy/prometheus ${PROJECT_SOURCE_DIR}/deploy/alertmanager ${PROJECT_SOURCE_DIR}/deploy/runbooks
  DESTINATION ${CMAKE_INSTALL_DATADIR}/dsnwatch COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/deploy/grafana/dashboards DESTINATION ${CMAKE_INSTALL_DATADIR}/dsnwatch/grafana COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/grafana/provisioning.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/dsnwatch/grafana COMPONENT runtime)
# A configuration that is there already is the operator's.
set(config ${CMAKE_INSTALL_FULL_SYSCONFDIR}/dsnwatch)
install(CODE "if(NOT EXISTS \"\$ENV{DESTDIR}${config}/dsnwatch.yml\")
    file(INSTALL \"${PROJECT_SOURCE_DIR}/deploy/systemd/dsnwatch.yml\" DESTINATION \"${config}\")
  endif()" COMPONENT runtime)
